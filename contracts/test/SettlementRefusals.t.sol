// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {IPoolManager} from "../verbs/UniswapV4.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice Asks for one wei more than it is offered, as a V3 pool and as the V4 manager.
contract GreedyPool {
    function swap(
        address,
        bool isZeroForOne,
        int256 amount,
        uint160,
        bytes calldata data
    ) external returns (int256, int256) {
        (int256 delta0, int256 delta1) = isZeroForOne ? (amount + 1, int256(-1)) : (int256(-1), amount + 1);
        ISettlement(msg.sender).uniswapV3SwapCallback(delta0, delta1, data);
        return (delta0, delta1);
    }

    function unlock(bytes calldata data) external returns (bytes memory) {
        return ISettlement(msg.sender).unlockCallback(data);
    }

    function swap(
        IPoolManager.PoolKey calldata,
        IPoolManager.SwapParams calldata params,
        bytes calldata
    ) external pure returns (int256) {
        int256 owed = params.amountSpecified - 1;
        return params.zeroForOne ? owed << 128 : int256(uint256(owed) & type(uint128).max);
    }
}

/// @notice What a settlement refuses, one cause a test. After each refusal nothing has changed.
contract SettlementRefusalsTest is SettlementTest {
    uint256 private ownedBefore;

    function setUp() public override {
        super.setUp();
        ownedBefore = sell.balanceOf(owner);
    }

    /// @dev I19: a refusal leaves balance and nonce as they were.
    modifier nothingMoves() {
        _;
        assertEq(sell.balanceOf(owner), ownedBefore);
        assertEq(buy.balanceOf(receiver), 0);
        assertEq(settlement.bitmap(owner, 0), 0);
    }

    function test_settle_refusesUnknownFlags() public nothingMoves {
        for (uint256 bit = 2; bit < 16; ++bit) {
            Order memory order = anOrder(1e18, 9e17);
            order.flags = uint16(1 | (1 << bit));
            bytes memory expected = abi.encodeWithSelector(
                ISettlement.UnknownFlags.selector,
                digestOf(order),
                order.flags
            );
            settleFails(oneHop(order, v3(order.amount)), expected);
        }
    }

    function test_settle_refusesAnEmptyAmountOrLimit() public nothingMoves {
        Order memory order = anOrder(0, 9e17);
        settleFails(oneHop(order, v3(1)), abi.encodeWithSelector(ISettlement.EmptyOrder.selector, digestOf(order)));
        order = anOrder(1e18, 0);
        settleFails(oneHop(order, v3(1)), abi.encodeWithSelector(ISettlement.EmptyOrder.selector, digestOf(order)));
    }

    function test_settle_refusesATokenForItself() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        order.buyToken = order.sellToken;
        settleFailsAs(oneHop(order, v3(order.amount)), ISettlement.SameToken.selector);
    }

    function test_settle_refusesItselfAndNobodyAsReceiver() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        order.receiver = address(settlement);
        settleFailsAs(oneHop(order, v3(order.amount)), ISettlement.BadReceiver.selector);
        order.receiver = address(0);
        settleFailsAs(oneHop(order, v3(order.amount)), ISettlement.BadReceiver.selector);
    }

    function test_settle_refusesARisingLimit() public nothingMoves {
        Order memory order = anOrder(1e18, 8e17);
        order.limitEnd = 9e17;
        settleFails(
            oneHop(order, v3(order.amount)),
            abi.encodeWithSelector(ISettlement.LimitRises.selector, uint128(8e17), uint128(9e17))
        );
    }

    /// @dev A14.
    function test_settle_takesTheLastSecondAndRefusesTheNext() public {
        Order memory order = anOrder(1e18, 9e17);
        order.validTo = uint40(block.timestamp);
        bytes memory data = oneHop(order, v3(order.amount));
        vm.warp(block.timestamp + 1);
        settleFails(data, abi.encodeWithSelector(ISettlement.OrderExpired.selector, digestOf(order), order.validTo));
        vm.warp(block.timestamp - 1);
        settle(data);
    }

    function test_settle_refusesToPullNothing() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory authority = byPermit2(order, abi.encodePacked(uint8(2), uint128(0)));
        bytes memory data = callOf(order, authority, hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.EmptyOrder.selector, digestOf(order)));
    }

    /// @dev No real pool does; the check stands in case a factory's code is not what it is taken for.
    function test_settle_refusesAPoolThatAsksForMoreThanItIsOffered() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        address pool = V3.getPool(address(sell), address(buy), FEE);
        vm.etch(pool, type(GreedyPool).runtimeCode);
        settleFails(
            oneHop(order, v3(5e17)),
            abi.encodeWithSelector(ISettlement.AsksTooMuch.selector, pool, 5e17 + 1, 5e17)
        );
        vm.etch(address(V4), type(GreedyPool).runtimeCode);
        settleFails(
            oneHop(order, v4(5e17)),
            abi.encodeWithSelector(ISettlement.AsksTooMuch.selector, V4, 5e17 + 1, 5e17)
        );
    }

    /// @dev A16: one wei decides.
    function test_settle_takesALimitThatIsJustMetAndRefusesOneWeiMore() public {
        uint256 snapshot = vm.snapshotState();
        Order memory order = anOrder(1e18, 9e17);
        (, uint256 bought) = settle(oneHop(order, v3(order.amount)));
        vm.revertToState(snapshot);
        order = anOrder(1e18, uint128(bought + 1));
        settleFails(
            oneHop(order, v3(order.amount)),
            abi.encodeWithSelector(ISettlement.PaidTooLittle.selector, digestOf(order), bought, bought + 1)
        );
        order = anOrder(1e18, uint128(bought));
        settle(oneHop(order, v3(order.amount)));
    }

    function test_settle_refusesToTakeMoreThanTheOrder() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        settleFails(
            oneHop(order, v3(1e18 + 1)),
            abi.encodeWithSelector(ISettlement.TakesTooMuch.selector, sell, 1e18 + 1, 1e18)
        );
        bytes[] memory verbs = list(v3(6e17), v2(6e17));
        settleFails(
            callOf(order, byKey(order), hex"00", "", verbs),
            abi.encodeWithSelector(ISettlement.TakesTooMuch.selector, sell, 6e17, 4e17)
        );
    }

    function test_settle_refusesToTakeMoreThanAPotHas() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        // A gift to the contract is not the pot's.
        mid.mint(address(settlement), 1e24);
        settleFailsAs(twoHops(order, v3(1e18), v3(1e18)), ISettlement.TakesTooMuch.selector);
    }

    function test_settle_refusesToLeaveTokensInAPot() public nothingMoves {
        Order memory order = anOrder(2e18, 1);
        bytes[] memory verbs = list(v3(1e18), pot(0, 2, v3(1e18)));
        bytes memory data = callOf(order, byKey(order), hex"00", abi.encodePacked(mid), verbs);
        settleFailsAs(data, ISettlement.PotNotEmpty.selector);
        bytes memory authority = byPermit2(order, abi.encodePacked(uint8(2), uint128(2e18)));
        data = callOf(order, authority, hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.PotNotEmpty.selector, sell, 1e18));
    }

    function test_settle_refusesToTakeTheBuyTokenOrGiveTheSellToken() public nothingMoves {
        Order memory order = anOrder(1e18, 1);
        uint8[2][4] memory bad = [[1, 2], [0, 0], [2, 0], [0, 3]];
        for (uint256 i = 0; i < bad.length; ++i) {
            bytes[] memory verbs = list(pot(bad[i][0], bad[i][1], v3(1e18)));
            settleFails(
                callOf(order, byKey(order), hex"00", abi.encodePacked(mid), verbs),
                abi.encodeWithSelector(ISettlement.BadTokenIndex.selector, bad[i][0], bad[i][1])
            );
        }
    }

    function test_settle_refusesAnEmptyProgram() public nothingMoves {
        Order memory order = anOrder(1e18, 1);
        settleFailsAs(callOf(order, byKey(order), hex"00", "", new bytes[](0)), ISettlement.PaidTooLittle.selector);
    }

    function test_settle_refusesBytesThatNameNothing() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        settleFails(hex"00", abi.encodeWithSelector(ISettlement.UnknownOperation.selector, 0));
        settleFails(hex"0f02", abi.encodeWithSelector(ISettlement.UnknownOperation.selector, 15));
        bytes memory data = callOf(order, hex"0200", hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.UnknownSignatureKind.selector, 2));
        data = callOf(order, abi.encodePacked(hex"00", new bytes(0)), hex"00", "", list(v3(1e18)));
        settleFailsAs(data, ISettlement.BadSignature.selector);
        bytes memory key = abi.encodePacked(uint8(0), compact(OWNER_KEY, digestOf(order)));
        data = callOf(order, abi.encodePacked(key, uint8(3)), hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.UnknownFundingKind.selector, 3));
        data = callOf(order, byKey(order), hex"02", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.UnknownCertificateKind.selector, 2));
        settleFails(oneHop(order, hex"51"), abi.encodeWithSelector(ISettlement.UnknownVerb.selector, 0x51));
        settleFails(oneHop(order, v3At(0x2e)), abi.encodeWithSelector(ISettlement.UnknownFactory.selector, 14));
        settleFails(oneHop(order, v3At(0x1e)), abi.encodeWithSelector(ISettlement.UnknownFactory.selector, 14));
    }

    function test_settle_refusesNativeEtherWithoutWrappedEther() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory verb = abi.encodePacked(uint8(0x52), order.amount, FEE, SPACING);
        settleFails(oneHop(order, verb), abi.encodeWithSelector(ISettlement.NotWrappedEther.selector, sell, buy));
    }

    /// @dev Signature and funding kinds that do not belong together would skip the owner's signature.
    function test_settle_refusesSignaturesThatNobodyWouldCheck() public nothingMoves {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory data = callOf(order, hex"03000000", hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.FundingMismatch.selector, 3, 0));
        data = callOf(order, hex"03000001", hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.FundingMismatch.selector, 3, 1));
        bytes memory key = abi.encodePacked(uint8(0), compact(OWNER_KEY, digestOf(order)), uint8(1));
        data = callOf(order, key, hex"00", "", list(v3(1e18)));
        settleFails(data, abi.encodeWithSelector(ISettlement.FundingMismatch.selector, 0, 1));
    }

    /// @dev An owner that is this contract would be taken for a pot, and gifts to the contract for its own.
    function test_settle_refusesItselfAsOwner() public nothingMoves {
        sell.mint(address(settlement), 1e18);
        Order memory order = anOrder(1e18, 9e17);
        order.owner = address(settlement);
        bytes memory data = callOf(order, hex"0300010001", hex"00", "", list(v3(1e18)));
        settleFails(
            data,
            abi.encodeWithSelector(ISettlement.BadSignature.selector, digestOf(order), address(settlement))
        );
    }

    function v3At(uint8 verb) private pure returns (bytes memory) {
        return abi.encodePacked(verb, uint128(1e18), FEE);
    }
}
