// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {Payer} from "../libraries/Funding.sol";
import {Hop} from "../verbs/Hop.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";
import {HookToken} from "./helpers/OddTokens.t.sol";
import {TestToken} from "./helpers/RealPools.t.sol";
import {OtherProtocol, WeakAccess, WeakCallback, WeakCalls, WeakCredit, WeakEther} from "./helpers/WeakControls.t.sol";

/// @notice Attacks of docs/threat-model.md that this version has a surface for. Each control shows that the attack is real:
/// on a contract that lacks the one defence it pays.
contract AttacksTest is SettlementTest {
    address private attacker = makeAddr("attacker");

    /// @dev The attacker ends with nothing of either token, and the owner with all.
    modifier attackerGainsNothing() {
        _;
        assertEq(sell.balanceOf(attacker), 0);
        assertEq(buy.balanceOf(attacker), 0);
        assertEq(sell.balanceOf(owner), 1e30);
    }

    /// @dev A01.
    function testFuzz_A01_approvalsCannotBeDrained(
        bytes32 r,
        bytes32 vs,
        uint8 kind,
        uint8 funding,
        uint128 amount
    ) public attackerGainsNothing {
        Order memory order = anOrder(uint128(bound(amount, 1, 1e26)), 1);
        order.receiver = attacker;
        bytes memory signature =
            kind % 2 == 0 ? abi.encodePacked(uint8(0), r, vs) : abi.encodePacked(uint8(3), uint16(64), r, vs);
        bytes memory data = callOf(
            order,
            abi.encodePacked(signature, uint8(funding % 3)),
            hex"00",
            "",
            list(v3(order.amount))
        );
        vm.prank(attacker);
        (bool isDone, ) = address(settlement).call(data);
        assertFalse(isDone);
    }

    function test_A01_control_arbitraryCallsDrainApprovals() public {
        WeakCalls weak = new WeakCalls();
        approve(address(sell), address(weak));
        weak.run(address(sell), abi.encodeCall(IERC20.transferFrom, (owner, attacker, 1e18)));
        assertEq(sell.balanceOf(attacker), 1e18);
    }

    /// @dev A22: a contract that poses as a pool, from outside and from inside a settlement.
    function testFuzz_A22_aFakePoolIsNotPaid(uint128 asked, bool isV4) public attackerGainsNothing {
        bytes memory data = callback(uint256(bound(asked, 1, 1e26)));
        if (isV4) data = abi.encodeCall(ISettlement.unlockCallback, (data));
        vm.prank(attacker);
        (bool isDone, bytes memory reason) = address(settlement).call(data);
        assertFalse(isDone);
        assertEq(reason, abi.encodeWithSelector(ISettlement.NotArmed.selector, attacker));
    }

    function test_A22_aFakePoolIsNotPaid_whileARealOneIsBeingCalled() public {
        HookToken hostile = hostileBetween();
        hostile.arm(address(settlement), callback(1e18));
        Order memory order = anOrder(1e18, 9e17);
        bytes[] memory verbs = list(pot(0, 2, v3(order.amount)), pot(2, 1, v3(ALL)));
        settle(callOf(order, byKey(order), hex"00", abi.encodePacked(hostile), verbs));
        assertTrue(hostile.called());
        assertFalse(hostile.wentThrough());
        assertEq(sell.balanceOf(address(hostile)), 0);
    }

    /// @dev I10: the pool that was called is nobody again once it has been paid.
    function test_A22_aRealPoolIsPaidOnce() public {
        Order memory order = anOrder(1e18, 9e17);
        settle(oneHop(order, v3(order.amount)));
        address pool = V3.getPool(address(sell), address(buy), FEE);
        vm.prank(pool);
        (bool isDone, bytes memory reason) = address(settlement).call(callback(1e18));
        assertFalse(isDone);
        assertEq(reason, abi.encodeWithSelector(ISettlement.NotArmed.selector, pool));

        order.nonce = 8;
        settle(oneHop(order, v4(order.amount)));
        vm.prank(address(V4));
        (isDone, reason) = address(settlement).call(abi.encodeCall(ISettlement.unlockCallback, ("")));
        assertFalse(isDone);
        assertEq(reason, abi.encodeWithSelector(ISettlement.NotArmed.selector, V4));
    }

    function test_A22_control_anOpenCallbackPaysAFakePool() public {
        WeakCallback weak = new WeakCallback();
        approve(address(sell), address(weak));
        vm.prank(attacker);
        (bool isDone, ) = address(weak).call(callback(1e18));
        assertTrue(isDone);
        assertEq(sell.balanceOf(attacker), 1e18);
    }

    /// @dev C1 and C3 in one: a token between runs code inside a derived pool's swap and fills another protocol's order
    /// of the same owner there. One payment must not satisfy both.
    function test_C1_aPaymentForAnotherOrderIsNotCredited() public {
        (HookToken hostile, OtherProtocol other, TestToken elsewhere) = doubleCount();
        Order memory order = anOrder(1e18, 9e17);
        bytes[] memory verbs = list(pot(0, 2, v3(order.amount)), pot(2, 1, v3(ALL)));
        bytes memory data = callOf(order, byKey(order), hex"00", abi.encodePacked(hostile), verbs);
        settleFailsAs(data, ISettlement.PaidTooLittle.selector);
        assertEq(sell.balanceOf(owner), 1e30);
        assertEq(elsewhere.balanceOf(owner), 1e18);
        assertEq(buy.balanceOf(attacker), 9e17);
        assertEq(other.buyAmount(), 9e17);
    }

    function test_C1_control_aBalanceDifferencePaysOnePaymentTwice() public {
        (HookToken hostile, , TestToken elsewhere) = doubleCount();
        WeakCredit weak = new WeakCredit(false);
        approve(address(sell), address(weak));
        IERC20[3] memory path = [IERC20(address(sell)), IERC20(address(hostile)), IERC20(address(buy))];
        weak.fill(owner, receiver, path, 1e18, 9e17);
        // The owner sold 1 of each and got 0.9 once: the attacker has the second token for it, and as liquidity
        // provider of the hostile pool the first.
        assertEq(sell.balanceOf(owner), 1e30 - 1e18);
        assertEq(elsewhere.balanceOf(attacker), 1e18);
        assertLt(buy.balanceOf(receiver), 9e17 + 1e6);
    }

    /// @dev A16: dust. A fill that rounds to nothing pays the limit or reverts.
    function testFuzz_A16_dustNeverPaysLessThanTheLimit(uint128 amount, uint256 venue) public {
        amount = uint128(bound(amount, 1, 1000));
        Order memory order = anOrder(amount, 1);
        (bool isDone, bytes memory result) = trySettle(oneHop(order, swapOf(venue, amount)));
        if (!isDone) return assertEq(sell.balanceOf(owner), 1e30);
        (uint256 sold, uint256 bought) = abi.decode(result, (uint256, uint256));
        assertGe(bought, 1);
        assertLe(bought, sold);
    }

    /// @dev A25: nothing can be left behind, and what was forced in cannot be claimed.
    function test_A25_etherIsNeitherTakenNorClaimable() public {
        (bool isDone, ) = address(settlement).call{value: 1}("");
        assertFalse(isDone);
        Order memory order = anOrder(1e18, 9e17);
        bytes memory data = oneHop(order, v3(order.amount));
        (isDone, ) = address(settlement).call{value: 1}(data);
        assertFalse(isDone);

        vm.deal(address(settlement), 5 ether);
        addV4(address(0), address(sell), int256(uint256(DEPTH)));
        order.buyToken = IERC20(address(WETH));
        (, uint256 bought) = settle(oneHop(order, abi.encodePacked(uint8(0x52), order.amount, FEE, SPACING)));
        assertEq(WETH.balanceOf(receiver), bought);
        assertEq(address(settlement).balance, 5 ether);
    }

    function test_A25_control_allEtherThatLiesHereIsTheNextCallers() public {
        WeakEther weak = new WeakEther();
        (bool isDone, ) = address(weak).call{value: 5 ether}("");
        assertTrue(isDone);
        weak.payOut(attacker);
        assertEq(WETH.balanceOf(attacker), 5 ether);
    }

    /// @dev A26: there is nobody to be: no function beyond the interface answers.
    function testFuzz_A26_noOtherFunctionAnswers(bytes4 selector, bytes memory rest) public {
        vm.assume(selector != ISettlement.cancel.selector && selector != ISettlement.bitmap.selector);
        vm.assume(selector != ISettlement.DOMAIN_SEPARATOR.selector);
        (bool isDone, ) = address(settlement).call(abi.encodePacked(selector, rest));
        assertFalse(isDone);
    }

    function test_A26_control_anInitializerForAnyoneDrainsApprovals() public {
        WeakAccess weak = new WeakAccess();
        approve(address(sell), address(weak));
        vm.startPrank(attacker);
        weak.initialize(attacker);
        weak.rescue(sell, owner, 1e18);
        assertEq(sell.balanceOf(attacker), 1e18);
    }

    /// @dev The first byte names the operation, so no selector may look like one.
    function test_selectors_neverBeginLikeAnOperation() public pure {
        bytes4[5] memory selectors = [
            ISettlement.bitmap.selector,
            ISettlement.DOMAIN_SEPARATOR.selector,
            ISettlement.cancel.selector,
            ISettlement.uniswapV3SwapCallback.selector,
            ISettlement.unlockCallback.selector
        ];
        for (uint256 i = 0; i < selectors.length; ++i) assertGt(uint8(selectors[i][0]), 0x0f);
    }

    /// @dev A callback's bytes that ask for `asked` of the owner's sell token.
    function callback(uint256 asked) private view returns (bytes memory) {
        Payer memory payer;
        payer.from = owner;
        bytes memory data = abi.encode(Hop(IERC20(sell), IERC20(buy), asked, receiver), uint256(0), payer);
        return abi.encodeCall(ISettlement.uniswapV3SwapCallback, (int256(asked), -1, data));
    }

    function hostileBetween() private returns (HookToken hostile) {
        hostile = new HookToken();
        addV3(address(sell), address(hostile), FEE, DEPTH);
        addV3(address(hostile), address(buy), FEE, DEPTH);
    }

    /// @dev Order 2 of the owner lies at another protocol, and the hostile token fills it when it moves. Its own pool
    /// towards the buy token is all but empty.
    function doubleCount() private returns (HookToken hostile, OtherProtocol other, TestToken elsewhere) {
        (hostile, other, elsewhere) = (new HookToken(), new OtherProtocol(), new TestToken("ELSE"));
        addV3(address(sell), address(hostile), FEE, DEPTH);
        addV3(address(hostile), address(buy), FEE, 1e3);
        elsewhere.mint(owner, 1e18);
        approve(address(elsewhere), address(other));
        buy.mint(attacker, 9e17);
        vm.prank(attacker);
        buy.approve(address(other), 9e17);
        other.open(IERC20(address(elsewhere)), IERC20(address(buy)), owner, receiver, 1e18, 9e17);
        hostile.arm(address(other), abi.encodeCall(OtherProtocol.fill, (attacker)));
    }
}
