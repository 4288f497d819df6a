// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Order} from "../interfaces/ISettlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice Sends orders that an owner signed and bytes that nobody did, and keeps books of what was promised.
contract Handler is SettlementTest {
    /// Ghosts: what the settlement reported over all fills, and the limits of their orders.
    uint256 public sold;
    uint256 public bought;
    uint256 public limits;
    uint256 public signedAmounts;
    uint256 public fills;
    uint256 public overfills;
    uint256 public gifts;
    uint64 private nonce;
    bytes private lastGood;

    function initialize() external {
        setUp();
    }

    /// @dev Honest: signed orders by any plan and funding, some of which the market does not meet.
    function fill(uint128 amount, uint128 limit, uint256 plan) external {
        amount = uint128(bound(amount, 1e3, 1e22));
        Order memory order = anOrder(amount, uint128(bound(limit, 1, uint256(amount) * 2)));
        order.nonce = nonce++;
        bytes memory data = callFor(order, plan);
        (bool isDone, bytes memory result) = trySettle(data);
        if (!isDone) return;
        lastGood = data;
        record(order, result);
    }

    /// @dev Chaos: the last good call again, whole or cut or with a bit flipped. Must never fill.
    function replay(uint256 length, uint256 bit, uint8 how) external {
        bytes memory data = lastGood;
        if (data.length == 0) return;
        if (how % 3 == 1) {
            length = bound(length, 0, data.length - 1);
            assembly ("memory-safe") {
                mstore(data, length)
            }
        }
        if (how % 3 == 2) {
            bit = bound(bit, 0, 8 * data.length - 1);
            data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        }
        (bool isDone, ) = trySettle(data);
        if (isDone) ++overfills;
    }

    /// @dev Chaos: any bytes as a call of the settlement.
    function disturb(bytes calldata data) external {
        (bool isDone, bytes memory result) = trySettle(abi.encodePacked(uint8(2), data));
        if (isDone && result.length > 0) ++overfills;
    }

    function gift(uint128 amount) external {
        mid.mint(address(settlement), amount);
        gifts += amount;
    }

    function callFor(Order memory order, uint256 plan) private view returns (bytes memory) {
        bytes[] memory verbs = list(pot(0, 2, swapOf(plan, order.amount)), pot(2, 1, swapOf(plan / 3, ALL)));
        if (plan % 4 == 0) return oneHop(order, swapOf(plan / 4, order.amount));
        if (plan % 4 == 1) return twoHops(order, swapOf(plan / 4, order.amount), swapOf(plan / 12, ALL));
        if (plan % 4 == 2) return callOf(order, byPermit2(order, hex"01"), hex"00", abi.encodePacked(mid), verbs);
        bytes memory pull = byPermit2(order, abi.encodePacked(uint8(2), order.amount));
        return callOf(order, pull, hex"00", "", list(v2(order.amount / 2), v3(ALL)));
    }

    function record(Order memory order, bytes memory result) private {
        (uint256 sells, uint256 buys) = abi.decode(result, (uint256, uint256));
        (sold, bought) = (sold + sells, bought + buys);
        (limits, signedAmounts) = (limits + order.limitEnd, signedAmounts + order.amount);
        ++fills;
    }

    function ownerSold() external view returns (uint256) {
        return 1e30 - sell.balanceOf(owner);
    }

    function receiverGot() external view returns (uint256) {
        return buy.balanceOf(receiver);
    }

    function held() external view returns (uint256 ofSell, uint256 ofBuy, uint256 ofMid, uint256 ether_) {
        return (
            sell.balanceOf(address(settlement)),
            buy.balanceOf(address(settlement)),
            mid.balanceOf(address(settlement)),
            address(settlement).balance
        );
    }

    function allowances() external view returns (uint256) {
        address here = address(settlement);
        return
            sell.allowance(here, address(V4)) +
            sell.allowance(here, PERMIT2) +
            mid.allowance(here, address(V4)) +
            buy.allowance(here, address(V4));
    }
}

/// @notice What holds after any sequence of fills, replays, disturbances and gifts.
contract SettlementInvariantTest is SettlementTest {
    Handler private handler;

    function setUp() public override {
        handler = new Handler();
        handler.initialize();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = Handler.fill.selector;
        selectors[1] = Handler.replay.selector;
        selectors[2] = Handler.disturb.selector;
        selectors[3] = Handler.gift.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev Without fills the invariants would say nothing: every plan of the handler fills.
    function test_handler_fillsByEveryPlan() public {
        for (uint256 plan = 0; plan < 12; ++plan) {
            handler.fill(1e18, 1, plan);
            assertEq(handler.fills(), plan + 1);
        }
        handler.fill(1e18, type(uint128).max, 0);
        handler.replay(0, 0, 0);
        assertEq(handler.fills(), 12);
    }

    /// @dev I3, I8: the owner lost what was reported sold, and never more than was signed.
    function invariant_ownerSellsWhatWasReportedAndSigned() public view {
        assertEq(handler.ownerSold(), handler.sold());
        assertLe(handler.sold(), handler.signedAmounts());
    }

    /// @dev I2: the receiver got what was reported bought, and at least the limits.
    function invariant_receiverGetsWhatWasReportedAndPromised() public view {
        assertEq(handler.receiverGot(), handler.bought());
        assertGe(handler.bought(), handler.limits());
    }

    /// @dev I4, I5: nothing that was filled once was filled again.
    function invariant_nothingFillsTwice() public view {
        assertEq(handler.overfills(), 0);
    }

    /// @dev I6, I7.
    function invariant_settlementHoldsOnlyGiftsAndAllowsNobody() public view {
        (uint256 ofSell, uint256 ofBuy, uint256 ofMid, uint256 ofEther) = handler.held();
        assertEq(ofSell + ofBuy + ofEther, 0);
        assertEq(ofMid, handler.gifts());
        assertEq(handler.allowances(), 0);
    }
}
